# shellcheck shell=bash
# Runs inside the probe container, in another container's network: bash -c "$(this file)" probe SECONDS
# stdin:  id host port            one connection to try
# stdout: P <tab> id <tab> open|refused|timeout|nodns|unreachable     and    L <tab> hex-address:hex-port, a listener
while read -r id host port; do
  (
    # shellcheck disable=SC2016 # the inner shell expands them
    said=$(timeout "$1" bash -c ': <"/dev/tcp/$0/$1"' "$host" "$port" 2>&1)
    case $?:$said in
      0:*) state=open ;;
      124:*) state=timeout ;;
      *refused*) state=refused ;;
      *esolution* | *"not known"* | *"No address"*) state=nodns ;;
      *) state=unreachable ;;
    esac
    printf 'P\t%s\t%s\n' "$id" "$state"
  ) &
done
wait
while read -r _ local _ state _; do
  [ "$state" != 0A ] || printf 'L\t%s\n' "$local"
done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
