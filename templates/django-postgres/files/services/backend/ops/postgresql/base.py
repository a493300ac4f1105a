from typing import Any

from django.db.backends.postgresql import base

from ops.postgresql.connection import connect_with_file


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool:  # its connections are of a class that reads the file by itself
            return super().get_new_connection(conn_params)
        arguments = dict(conn_params)
        path = arguments.pop("password_file")
        connect = super().get_new_connection
        return connect_with_file(
            path, lambda password: connect({**arguments, "password": password})
        )
