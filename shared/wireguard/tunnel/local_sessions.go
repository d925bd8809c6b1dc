package tunnel

import (
	"cmp"
	"slices"
	"time"

	"daam/tunnel/forward"
)

// LocalSession is one client of a local port that has reached the agent.
type LocalSession struct {
	Conn uint64
	// Program is empty while it is not known.
	Program string
	Age     time.Duration
	// Said by the client, and told to it, in bytes.
	Said, Told uint64
}

// session of an open connection, once its client's own bytes begin.
type session struct {
	forward string
	since   time.Time
	client  *forward.Watched
}

// watch has the sessions of a forward told from now on.
func (t *Tunnel) watch(number uint64, forward string, client *forward.Watched) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := t.open[number]
	open.session = &session{forward: forward, since: time.Now(), client: client}
	t.open[number] = open
}

// LocalSessions of a forward, those too that were there before it was made anew: the oldest first, at most so many, and how
// many there are.
func (t *Tunnel) LocalSessions(id string, most int) ([]LocalSession, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []LocalSession
	for number, open := range t.open {
		if open.session == nil || open.session.forward != id {
			continue
		}
		program, _ := open.session.client.Program()
		said, told := open.session.client.Bytes()
		all = append(all, LocalSession{number, program, time.Since(open.session.since), said, told})
	}
	slices.SortFunc(all, func(a, b LocalSession) int { return cmp.Compare(a.Conn, b.Conn) })
	return all[:min(most, len(all))], len(all)
}

// EndLocalSession closes one of a forward's connections; false when it has none of the number.
func (t *Tunnel) EndLocalSession(id string, number uint64) bool {
	t.mu.Lock()
	open, known := t.open[number]
	t.mu.Unlock()
	if !known || open.session == nil || open.session.forward != id {
		return false
	}
	_ = open.conn.Close()
	return true
}
