// mongod, as a stand-in: what of it FerretDB does not have, in front of FerretDB. It takes mongod's options, refuses a keyfile that
// mongod refuses, knows users, roles and SCRAM, and says it is the one member of a replica set. README.md of these images says what it is not.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

type options struct {
	replSet, keyFile, dbPath, port, tlsMode, tlsKey, tlsCA string
	auth, everywhere, tlsOptional                          bool
}

// logLine is in the form of mongod's own log.
func logLine(severity, component, words string, attr map[string]any) {
	line, _ := json.Marshal(map[string]any{
		"t": map[string]string{"$date": time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00")}, "s": severity, "c": component,
		"id": 0, "ctx": "main", "msg": words, "attr": attr,
	})
	fmt.Println(string(line))
}

func die(code int, words string) {
	logLine("F", "CONTROL", words, nil)
	os.Exit(code)
}

func parse(args []string) options {
	o := options{dbPath: "/data/db", port: "27017"}
	value := map[string]*string{
		"--replSet": &o.replSet, "--keyFile": &o.keyFile, "--dbpath": &o.dbPath, "--port": &o.port,
		"--tlsMode": &o.tlsMode, "--tlsCertificateKeyFile": &o.tlsKey, "--tlsCAFile": &o.tlsCA,
	}
	ignored := map[string]bool{"--bind_ip": true, "--wiredTigerCacheSizeGB": true, "--setParameter": true, "--oplogSize": true, "--clusterAuthMode": true}
	for i := 0; i < len(args); i++ {
		name, given, has := strings.Cut(args[i], "=")
		next := func() string {
			if has {
				return given
			}
			i++
			if i >= len(args) {
				die(2, "the option "+name+" needs a value")
			}
			return args[i]
		}
		switch {
		case value[name] != nil:
			*value[name] = next()
		case name == "--bind_ip_all":
			o.everywhere = true
		case name == "--auth":
			o.auth = true
		case name == "--tlsAllowConnectionsWithoutCertificates":
			o.tlsOptional = true
		case name == "--quiet":
		case ignored[name]:
			given := next()
			if name == "--bind_ip" && strings.Contains(given, "0.0.0.0") {
				o.everywhere = true
			}
		default:
			fmt.Fprintln(os.Stderr, "Error parsing command line: unrecognised option '"+name+"'")
			os.Exit(2)
		}
	}
	o.auth = o.auth || o.keyFile != ""
	return o
}

// checkKeyFile refuses what mongod refuses: bits for others, a file that it may not read, a key that is too short, too long or no base64.
func checkKeyFile(name string) {
	facts, err := os.Stat(name)
	if err != nil {
		die(1, "Unable to acquire security key[s]: error opening file: "+name+": "+err.Error())
	}
	if facts.Mode().Perm()&0o077 != 0 {
		die(1, "Unable to acquire security key[s]: permissions on "+name+" are too open")
	}
	bytes, err := os.ReadFile(name)
	if err != nil {
		die(1, "Unable to acquire security key[s]: error opening file: "+name+": "+err.Error())
	}
	keys := 0
	for _, key := range keysOf(string(bytes)) {
		keys++
		if len(key) < 6 || len(key) > 1024 {
			die(1, fmt.Sprintf("Unable to acquire security key[s]: security key in %s has length %d, must be between 6 and 1024 chars", name, len(key)))
		}
		if strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != "" {
			die(1, "Unable to acquire security key[s]: invalid char in key file "+name)
		}
	}
	if keys == 0 || keys > 2 {
		die(1, fmt.Sprintf("Unable to acquire security key[s]: %s holds %d keys, one or two are possible", name, keys))
	}
}

// keysOf: one key in any number of lines, or a YAML list of keys.
func keysOf(text string) []string {
	var keys []string
	if strings.HasPrefix(strings.TrimSpace(text), "- ") {
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				keys = append(keys, strings.Trim(strings.TrimSpace(strings.TrimPrefix(line, "- ")), `"'`))
			}
		}
		return keys
	}
	if key := strings.Join(strings.Fields(text), ""); key != "" {
		keys = append(keys, key)
	}
	return keys
}

func listen(o options) net.Listener {
	host := "127.0.0.1"
	if o.everywhere {
		host = "0.0.0.0"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, o.port))
	if err != nil {
		die(48, "Failed to set up listener: "+err.Error())
	}
	if o.tlsMode != "requireTLS" {
		return l
	}
	pem, err := os.ReadFile(o.tlsKey)
	if err != nil {
		die(1, "Failed to read the TLS certificate: "+err.Error())
	}
	pair, err := tls.X509KeyPair(pem, pem)
	if err != nil {
		die(1, "Failed to use the TLS certificate: "+err.Error())
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if o.tlsCA != "" {
		ca, err := os.ReadFile(o.tlsCA)
		if err != nil {
			die(1, "Failed to read the CA: "+err.Error())
		}
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(ca)
		config.ClientAuth = tls.RequireAndVerifyClientCert
		if o.tlsOptional {
			config.ClientAuth = tls.VerifyClientCertIfGiven
		}
	}
	return tls.NewListener(l, config)
}

// behind starts FerretDB in this program, on a socket that nobody else reaches.
func behind(o options) (string, func(context.Context)) {
	folder := filepath.Join(o.dbPath, "ferret")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		die(100, "Attempted to create data folder: "+err.Error())
	}
	for _, file := range []string{"storage.bson", "WiredTiger"} {
		if err := os.WriteFile(filepath.Join(o.dbPath, file), []byte("stand-in\n"), 0o600); err != nil {
			die(100, "Cannot write to "+o.dbPath+": "+err.Error())
		}
	}
	run, err := os.MkdirTemp("", "mongodb-")
	if err != nil {
		die(1, "no place for a socket: "+err.Error())
	}
	socket := filepath.Join(run, "ferret.sock")
	db, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{Unix: socket}, Handler: "sqlite", SQLiteURL: "file:" + folder + "/",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		die(1, "the server behind does not start: "+err.Error())
	}
	return socket, func(ctx context.Context) { _ = db.Run(ctx); os.RemoveAll(run) }
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("db version v8.0 stand-in (FerretDB v1.24.2)")
		return
	}
	o := parse(os.Args[1:])
	if o.keyFile != "" {
		checkKeyFile(o.keyFile)
	}
	lock, err := os.OpenFile(filepath.Join(o.dbPath, "mongod.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		die(100, "Unable to create/open the lock file: "+err.Error())
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		die(100, "Unable to lock the lock file: another mongod instance is running on "+o.dbPath)
	}
	socket, run := behind(o)
	ctx, stop := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() { run(ctx); close(gone) }()
	for range 300 {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	s := newServer(o, socket)
	l := listen(o)
	logLine("I", "NETWORK", "Waiting for connections", map[string]any{"port": o.port, "standIn": "FerretDB v1.24.2"})
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM, syscall.SIGINT)
	go s.serve(l)
	select {
	case <-ends:
		logLine("I", "CONTROL", "Shutting down", nil)
		l.Close()
		stop()
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
		}
	case <-gone:
		die(1, "the server behind ended")
	}
}
