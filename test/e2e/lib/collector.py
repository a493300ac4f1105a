"""A place that logs are shipped to: takes them as a collector, Loki or Elasticsearch would, and keeps what it was sent.

Only with the token of the moment (/data/token). One line of /data/lines is one line of a service; /data/refused counts.
"""

import json

from tls_server import Handler, serve


class Collector(Handler):
    def do_POST(self):
        raw = self.body()
        with open("/data/token") as file:
            good = file.read()
        if self.headers.get("Authorization") not in (f"Bearer {good}", f"ApiKey {good}"):
            with open("/data/refused", "a") as file:
                file.write("x")
            return self.say(401, b"{}")
        # Strictly: bytes that are no UTF-8, or no JSON, are an error here as they would be there.
        text = raw.decode("utf-8")
        said, code = b"", 204
        if self.path == "/loki/api/v1/push":
            lines = [
                {"labels": stream["stream"], "line": json.loads(value[1])} for stream in json.loads(text)["streams"] for value in stream["values"]
            ]
        elif self.path.endswith("/_bulk"):
            pairs = [json.loads(line) for line in text.splitlines()]
            lines = [{"action": action, "line": line} for action, line in zip(pairs[::2], pairs[1::2])]
            said, code = json.dumps({"errors": False, "items": [{"create": {"status": 201}} for _ in lines]}).encode(), 200
        else:
            lines = json.loads(text)
        with open("/data/lines", "a") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        self.say(code, said)


serve(Collector)
