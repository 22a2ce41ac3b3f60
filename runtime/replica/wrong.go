package replica

// wrong is what a group does wrong, on purpose.
type wrong struct{ promoteFirst, noFencing, readAnywhere bool }

// PromoteFirst is wrong: when the leader dies the next in the order leads, whatever it
// has.
func PromoteFirst() Option { return func(g *Group) { g.wrong.promoteFirst = true } }

// NoFencing is wrong: nobody tells a leader that was only slow, and the others still
// listen to it.
func NoFencing() Option { return func(g *Group) { g.wrong.noFencing = true } }

// ReadAnywhere is wrong: in a chain any server answers reads.
func ReadAnywhere() Option { return func(g *Group) { g.wrong.readAnywhere = true } }
