"""A stand-in for a Vault or OpenBao server: the part of its documented HTTP interface that tests and the project's agent use.

Not the server: no encryption, no leases, policies by their exact paths or a * at the end. The same tests run against
the real one where its image is there (lib/vault.ts says which was used).
"""

import json
import re
import uuid

from tls_server import Handler, serve

S = {"init": False, "sealed": True, "root": "", "key": "", "policies": {}, "roles": {}, "ids": {}, "tokens": {}, "wraps": {}, "kv": {}, "deleted": set()}


class Refused(Exception):
    def __init__(self, code, *errors):
        self.code, self.errors = code, list(errors)


def allowed(token, path, capability):
    if token == S["root"]:
        return
    for name in S["tokens"].get(token, []):
        for rule, words in re.findall(r'path "([^"]+)"\s*{\s*capabilities = \[([^\]]*)\]', S["policies"].get(name, "")):
            hit = path.startswith(rule[:-1]) if rule.endswith("*") else path == rule
            if hit and f'"{capability}"' in words:
                return
    raise Refused(403, "1 error occurred:\n\t* permission denied\n\n")


def answer(method, path, body, token, wrap):
    if path == "sys/health":
        code = 501 if not S["init"] else 503 if S["sealed"] else 200
        return code, {"initialized": S["init"], "sealed": S["sealed"], "version": "fake"}
    if path == "sys/init":
        S.update(init=True, root="hvs." + uuid.uuid4().hex, key=uuid.uuid4().hex)
        return 200, {"keys": [S["key"]], "root_token": S["root"]}
    if path == "sys/unseal":
        S["sealed"] = body["key"] != S["key"]
        return 200, {"sealed": S["sealed"]}
    if S["sealed"]:
        raise Refused(503, "Vault is sealed")
    if path == "auth/approle/login":
        role = next((r for r in S["roles"].values() if r["id"] == body.get("role_id")), None)
        if role is None or body.get("secret_id") not in role["secrets"]:
            raise Refused(400, "invalid role or secret ID")
        made = "hvs." + uuid.uuid4().hex
        S["tokens"][made] = role["policies"]
        return 200, {"auth": {"client_token": made}}
    if path == "sys/wrapping/unwrap":
        if token not in S["wraps"]:
            raise Refused(400, "wrapping token is not valid or does not exist")
        return 200, S["wraps"].pop(token)
    if token != S["root"] and token not in S["tokens"]:
        raise Refused(403, "permission denied")
    if path == "auth/token/revoke-self":
        del S["tokens"][token]
        return 204, None
    if (found := re.fullmatch(r"([^/]+)/data/(.+)", path)) is not None:
        return kv(method, found[2], path, body, token)
    if token != S["root"]:
        raise Refused(403, "permission denied")
    if path == "sys/seal":
        S["sealed"] = True
    elif path.startswith("sys/policies/acl/"):
        S["policies"][path.split("/")[-1]] = body["policy"]
    elif (found := re.fullmatch(r"auth/approle/role/([^/]+)", path)) is not None:
        S["roles"][found[1]] = {"id": str(uuid.uuid4()), "secrets": [], "policies": body["token_policies"]}
    elif (found := re.fullmatch(r"auth/approle/role/([^/]+)/role-id", path)) is not None:
        return 200, {"data": {"role_id": S["roles"][found[1]]["id"]}}
    elif (found := re.fullmatch(r"auth/approle/role/([^/]+)/secret-id", path)) is not None:
        made = {"data": {"secret_id": str(uuid.uuid4())}}
        S["roles"][found[1]]["secrets"].append(made["data"]["secret_id"])
        if not wrap:
            return 200, made
        S["wraps"][ticket := "hvs." + uuid.uuid4().hex] = made
        return 200, {"wrap_info": {"token": ticket}}
    elif not path.startswith(("sys/mounts/", "sys/auth/")):
        raise Refused(404, f"no handler for route {path}")
    return 204, None


def kv(method, name, path, body, token):
    versions = S["kv"].setdefault(name, [])
    if method == "GET":
        allowed(token, path, "read")
        if not versions:
            raise Refused(404)
        if name in S["deleted"]:
            return 404, {"data": {"data": None, "metadata": {"version": len(versions)}}}
        return 200, {"data": {"data": versions[-1], "metadata": {"version": len(versions)}}}
    if method == "DELETE":
        allowed(token, path, "delete")
        S["deleted"].add(name)
        return 204, None
    allowed(token, path, "update" if versions else "create")
    if body.get("options", {}).get("cas", len(versions)) != len(versions):
        raise Refused(400, "check-and-set parameter did not match the current version")
    versions.append(body["data"])
    S["deleted"].discard(name)
    return 200, {"data": {"version": len(versions)}}


class Server(Handler):
    def do_GET(self):
        raw = self.body()
        try:
            path = self.path.removeprefix("/v1/").split("?")[0]
            code, said = answer(self.command, path, json.loads(raw or b"{}"), self.headers.get("X-Vault-Token", ""), self.headers.get("X-Vault-Wrap-TTL"))
        except Refused as refused:
            code, said = refused.code, {"errors": refused.errors}
        self.say(code, b"" if said is None else json.dumps(said).encode())

    do_POST = do_PUT = do_DELETE = do_GET


serve(Server)
