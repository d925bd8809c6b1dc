package forward

import (
	"encoding/binary"
	"io"
	"net"
	"time"
)

const (
	sslRequest      = 80877103
	gssRequest      = 80877104
	maxStartup      = 10_000
	refuseDeadline  = 2 * time.Second
	connectionError = "08006"
)

// Refusal is what a client is told: an ErrorResponse of severity FATAL.
type Refusal struct {
	// Code is a SQLSTATE; empty stands for 08006, connection_failure.
	Code, Message, Hint string
}

// Refuse tells a PostgreSQL client why there is no connection, in the protocol's own words (PostgreSQL docs, "Message
// Flow", start-up): it answers requests for encryption with N, waits for the start-up packet, and sends an ErrorResponse.
func Refuse(conn net.Conn, refusal Refusal) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(refuseDeadline))
	for range 3 {
		var head [8]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		length, code := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
		if length == 8 && (code == sslRequest || code == gssRequest) {
			if _, err := conn.Write([]byte{'N'}); err != nil {
				return
			}
			continue
		}
		if length < 8 || length > maxStartup {
			return
		}
		if _, err := io.CopyN(io.Discard, conn, int64(length-8)); err != nil {
			return
		}
		_, _ = conn.Write(errorResponse(refusal))
		return
	}
}

func errorResponse(refusal Refusal) []byte {
	code := refusal.Code
	if code == "" {
		code = connectionError
	}
	var fields []byte
	for _, field := range []struct {
		code byte
		text string
	}{{'S', "FATAL"}, {'V', "FATAL"}, {'C', code}, {'M', refusal.Message}, {'H', refusal.Hint}} {
		fields = append(append(append(fields, field.code), field.text...), 0)
	}
	fields = append(fields, 0)
	packet := binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(fields)+4))
	return append(packet, fields...)
}
