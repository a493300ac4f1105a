# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
present golang go gofmt git gcc g++ make pkg-config
missing golang sudo node gosu
is 'golang: root, without entrypoint, with bash, in /go' '|[]|[bash]|/go' "$(config golang '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}|{{.Config.WorkingDir}}')"
is 'golang: lives in /usr/local/go' '/usr/local/go/bin/go /usr/local/go' "$(inside golang 'echo $(command -v go) $(go env GOROOT)')"
is 'golang: GOLANG_VERSION is what runs' "$(inside golang 'go env GOVERSION')" "go$(inside golang 'echo $GOLANG_VERSION')"
is 'golang: proxy, sums and place of modules are the usual ones' 'https://proxy.golang.org,direct sum.golang.org /go' "$(inside golang 'echo $(go env GOPROXY GOSUMDB GOPATH)')"
is 'golang: anybody may write to /go' '1777 1777 1777' "$(inside golang 'echo $(stat -c %a /go /go/src /go/bin)')"
is 'golang: has the certificates that modules are fetched with' yes "$(inside golang 'test -s /etc/ssl/certs/ca-certificates.crt && echo yes || echo no')"
has 'golang: fetches no other Go than itself' 'running go.*GOTOOLCHAIN=local' "$(inside golang 'mkdir /tmp/x && cd /tmp/x && printf "module x\n\ngo 1.99\n" >go.mod && go run .')"
# As a Dockerfile compiles: without C, without a network, here as somebody without a name.
is 'golang: compiles a program, and finds it afterwards' 42 "$(docker run --rm --network none --label "$owner" --user 10001:10001 -e HOME=/tmp "${image_of[golang]}" sh -c \
    'mkdir /go/src/x && cd /go/src/x && printf "module x\n\ngo 1.26\n" >go.mod && printf "package main\n\nfunc main() { println(42) }\n" >main.go && CGO_ENABLED=0 go install . && x' 2>&1)"
