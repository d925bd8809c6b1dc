// pgx: see ../README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	config, err := pgx.ParseConfig("")
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	output := map[string]any{}
	steps := []func(context.Context, *pgx.Conn, map[string]any) error{
		simple, prepared, binary, transaction, cursor, failure, cancel,
	}
	for _, step := range steps {
		if err := step(ctx, conn, output); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(output)
}

func simple(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	var name, email, ssn, card string
	var salary *string
	const query = "select name, email, ssn, card, salary::text from customers where id = 1"
	err := conn.QueryRow(ctx, query, pgx.QueryExecModeSimpleProtocol).Scan(&name, &email, &ssn, &card, &salary)
	output["simple"] = map[string]any{"name": name, "email": email, "ssn": ssn, "card": card, "salary": salary}
	return err
}

// pgx prepares every statement on the server and keeps it.
func prepared(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	var email string
	for id := 1; id <= 6; id++ {
		if err := conn.QueryRow(ctx, "select email from customers where id = $1", id).Scan(&email); err != nil {
			return err
		}
	}
	output["prepared"] = email
	var id int
	err := conn.QueryRow(ctx, "select id from customers where email = $1", "noah.quinn1@example.net").Scan(&id)
	output["equality"] = id
	return err
}

func binary(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	var id int64
	var total pgtype.Numeric
	var placedAt time.Time
	row := conn.QueryRow(ctx, "select id, total, placed_at from orders where id = $1", 1)
	if err := row.Scan(&id, &total, &placedAt); err != nil {
		return err
	}
	value, err := total.Float64Value()
	output["binary"] = map[string]any{
		"id":        id,
		"total":     fmt.Sprintf("%.2f", value.Float64),
		"placed_at": placedAt.UTC().Format("2006-01-02T15:04:05"),
	}
	return err
}

func transaction(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	const query = "select note from customers where id = 4"
	var inside, after *string
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update customers set note = $1 where id = $2", "from go", 4); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, query).Scan(&inside); err != nil {
		return err
	}
	if err := tx.Rollback(ctx); err != nil {
		return err
	}
	err = conn.QueryRow(ctx, query).Scan(&after)
	output["transaction"] = map[string]any{"inside": inside, "isGone": after == nil || *after != "from go"}
	return err
}

func cursor(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	const declare = "declare walk cursor for select id, email, phone from customers where id <= 5000 order by id"
	if _, err := tx.Exec(ctx, declare); err != nil {
		return err
	}
	total := 0
	for {
		tag, err := tx.Exec(ctx, "fetch 700 from walk")
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			break
		}
		total += int(tag.RowsAffected())
	}
	output["cursor"] = total
	return tx.Commit(ctx)
}

func failure(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	_, err := conn.Exec(ctx, "select * from payments")
	output["error"] = sqlstate(err)
	var answer int
	err = conn.QueryRow(ctx, "select 41 + 1").Scan(&answer)
	output["afterError"] = answer
	return err
}

func cancel(ctx context.Context, conn *pgx.Conn, output map[string]any) error {
	time.AfterFunc(300*time.Millisecond, func() { _ = conn.PgConn().CancelRequest(ctx) })
	_, err := conn.Exec(ctx, "select pg_sleep(30)")
	output["cancel"] = sqlstate(err)
	return nil
}

func sqlstate(err error) string {
	var failure *pgconn.PgError
	if errors.As(err, &failure) {
		return failure.Code
	}
	return "00000"
}
