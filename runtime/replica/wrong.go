package replica

// wrong is what a group does wrong, on purpose.
type wrong struct {
	promoteFirst, noFencing, readAnywhere, acknowledgeEarly, keepExtra bool
}

// PromoteFirst is wrong: when the leader dies the next in the order leads, whatever it
// has.
func PromoteFirst() Option { return func(g *Group) { g.wrong.promoteFirst = true } }

// NoFencing is wrong: nobody tells a leader that was only slow, and the others still
// listen to it.
func NoFencing() Option { return func(g *Group) { g.wrong.noFencing = true } }

// ReadAnywhere is wrong: in a chain any server answers reads.
func ReadAnywhere() Option { return func(g *Group) { g.wrong.readAnywhere = true } }

// AcknowledgeEarly is wrong: the leader answers when it has sent the copies, and does not
// wait until they are there.
func AcknowledgeEarly() Option { return func(g *Group) { g.wrong.acknowledgeEarly = true } }

// KeepExtra is wrong: a server that comes back keeps the writes that it has, also where
// the leader has others.
func KeepExtra() Option { return func(g *Group) { g.wrong.keepExtra = true } }
