package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/bson"
)

// What of MongoDB's wire protocol passes here: OP_MSG, and the OP_QUERY of a first hello.
const (
	opReply  = 1
	opQuery  = 2004
	opMsg    = 2013
	maxBytes = 48 << 20
)

var requestIDs atomic.Int32

// message is one command, with the document sequences that came beside its document put back into it.
type message struct {
	id      int32
	command bson.D
	legacy  bool
	quiet   bool // the sender wants no answer
}

func readFrame(from io.Reader) (id, to, code int32, body []byte, err error) {
	head := make([]byte, 16)
	if _, err = io.ReadFull(from, head); err != nil {
		return
	}
	size := int32(binary.LittleEndian.Uint32(head))
	if size < 16 || size > maxBytes {
		err = fmt.Errorf("a message of %d bytes", size)
		return
	}
	id, to, code = int32(binary.LittleEndian.Uint32(head[4:])), int32(binary.LittleEndian.Uint32(head[8:])), int32(binary.LittleEndian.Uint32(head[12:]))
	body = make([]byte, size-16)
	_, err = io.ReadFull(from, body)
	return
}

// document cuts the first document off.
func document(bytes []byte) (bson.Raw, []byte, error) {
	if len(bytes) < 5 {
		return nil, nil, errors.New("a document that is cut off")
	}
	size := int(binary.LittleEndian.Uint32(bytes))
	if size < 5 || size > len(bytes) {
		return nil, nil, errors.New("a document of a wrong size")
	}
	return bson.Raw(bytes[:size]), bytes[size:], nil
}

func parseMsg(body []byte) (bson.D, uint32, error) {
	if len(body) < 5 {
		return nil, 0, errors.New("an OP_MSG that is cut off")
	}
	flags := binary.LittleEndian.Uint32(body)
	rest := body[4:]
	if flags&1 != 0 {
		rest = rest[:len(rest)-4]
	}
	var command bson.D
	var sequences bson.D
	for len(rest) > 0 {
		kind := rest[0]
		rest = rest[1:]
		switch kind {
		case 0:
			raw, after, err := document(rest)
			if err != nil {
				return nil, 0, err
			}
			if err := bson.Unmarshal(raw, &command); err != nil {
				return nil, 0, err
			}
			rest = after
		case 1:
			size := int(binary.LittleEndian.Uint32(rest))
			part := rest[4:size]
			rest = rest[size:]
			name := ""
			for i, b := range part {
				if b == 0 {
					name, part = string(part[:i]), part[i+1:]
					break
				}
			}
			all := bson.A{}
			for len(part) > 0 {
				raw, after, err := document(part)
				if err != nil {
					return nil, 0, err
				}
				var one bson.D
				if err := bson.Unmarshal(raw, &one); err != nil {
					return nil, 0, err
				}
				all = append(all, one)
				part = after
			}
			sequences = append(sequences, bson.E{Key: name, Value: all})
		default:
			return nil, 0, fmt.Errorf("a section of kind %d", kind)
		}
	}
	return append(command, sequences...), flags, nil
}

func readMessage(from net.Conn) (*message, error) {
	id, _, code, body, err := readFrame(from)
	if err != nil {
		return nil, err
	}
	switch code {
	case opMsg:
		command, flags, err := parseMsg(body)
		return &message{id: id, command: command, quiet: flags&2 != 0}, err
	case opQuery:
		// flags, name and its zero, skip, limit, document
		at := 4
		for body[at] != 0 {
			at++
		}
		raw, _, err := document(body[at+9:])
		if err != nil {
			return nil, err
		}
		var command bson.D
		err = bson.Unmarshal(raw, &command)
		return &message{id: id, command: append(command, bson.E{Key: "$db", Value: "admin"}), legacy: true}, err
	}
	return nil, fmt.Errorf("the operation %d is not spoken here", code)
}

func frame(code, to int32, body []byte) []byte {
	out := make([]byte, 16, 16+len(body))
	binary.LittleEndian.PutUint32(out, uint32(16+len(body)))
	binary.LittleEndian.PutUint32(out[4:], uint32(requestIDs.Add(1)))
	binary.LittleEndian.PutUint32(out[8:], uint32(to))
	binary.LittleEndian.PutUint32(out[12:], uint32(code))
	return append(out, body...)
}

func writeReply(to net.Conn, m *message, reply bson.D) error {
	raw, err := bson.Marshal(reply)
	if err != nil {
		return err
	}
	if m.legacy {
		body := make([]byte, 20, 20+len(raw))
		body[0] = 8
		body[16] = 1
		_, err = to.Write(frame(opReply, m.id, append(body, raw...)))
		return err
	}
	_, err = to.Write(frame(opMsg, m.id, append([]byte{0, 0, 0, 0, 0}, raw...)))
	return err
}

// ask sends a command to the server behind, and takes its answer.
func ask(server net.Conn, command bson.D) (bson.D, error) {
	raw, err := bson.Marshal(command)
	if err != nil {
		return nil, err
	}
	if _, err := server.Write(frame(opMsg, 0, append([]byte{0, 0, 0, 0, 0}, raw...))); err != nil {
		return nil, err
	}
	_, _, _, body, err := readFrame(server)
	if err != nil {
		return nil, err
	}
	reply, _, err := parseMsg(body)
	return reply, err
}

// get finds a field, or nothing.
func get(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

func text(d bson.D, key string) string {
	value, _ := get(d, key).(string)
	return value
}

func doc(d bson.D, key string) bson.D {
	value, _ := get(d, key).(bson.D)
	return value
}

func list(d bson.D, key string) bson.A {
	value, _ := get(d, key).(bson.A)
	return value
}

func truth(d bson.D, key string) bool {
	switch value := get(d, key).(type) {
	case bool:
		return value
	case int32:
		return value != 0
	case int64:
		return value != 0
	case float64:
		return value != 0
	}
	return false
}

// put replaces a field, or adds it.
func put(d bson.D, key string, value any) bson.D {
	for i := range d {
		if d[i].Key == key {
			d[i].Value = value
			return d
		}
	}
	return append(d, bson.E{Key: key, Value: value})
}

func without(d bson.D, keys ...string) bson.D {
	out := bson.D{}
next:
	for _, e := range d {
		for _, key := range keys {
			if e.Key == key {
				continue next
			}
		}
		out = append(out, e)
	}
	return out
}

var okay = bson.D{{Key: "ok", Value: 1.0}}

func failure(code int32, name, words string, labels ...string) bson.D {
	d := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: words}, {Key: "code", Value: code}, {Key: "codeName", Value: name}}
	if len(labels) > 0 {
		all := bson.A{}
		for _, label := range labels {
			all = append(all, label)
		}
		d = append(d, bson.E{Key: "errorLabels", Value: all})
	}
	return d
}
