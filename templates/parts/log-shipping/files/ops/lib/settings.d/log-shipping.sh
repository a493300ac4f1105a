# shellcheck shell=bash disable=SC2153
# Settings were made or changed, or the project is about to start: the shipper's folder is there, and production has an address.
[ -d "$TLS" ] || private_dir "$TLS"
mkdir -p -- "$TLS/log-shipping"
# The service's user must enter the folder; tls/ above it keeps others out.
chmod 0755 "$TLS/log-shipping"
[ ! -f "$TLS/log-shipping/ca.crt" ] || chmod 0644 "$TLS/log-shipping/ca.crt"
if [ "${MODE:-}" = production ] && [ -z "$(setting LOG_SHIPPING_URL)" ]; then
  die "LOG_SHIPPING_URL is empty: where do the logs go?" "LOG_SHIPPING_URL=https://logs.example.com/ingest in $(shown "$ENV_FILE"); docs/operations/log-shipping.md"
fi
