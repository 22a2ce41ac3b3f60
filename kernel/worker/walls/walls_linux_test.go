package walls

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Walls cannot be taken down again, so what is behind them is a process of its own:
// this test binary, which TestMain sends into inside.
const insideVariable = "WALLS_TEST_DIRECTORY"

func TestMain(m *testing.M) {
	if dir := os.Getenv(insideVariable); dir != "" {
		inside(dir)
		return
	}
	os.Exit(m.Run())
}

// behind runs this binary behind walls and returns its lines, "name: what happened".
func behind(t *testing.T) (map[string]string, string, string) {
	t.Helper()
	if err := Missing(); err != nil {
		t.Fatalf("%v\nThese tests need Linux 5.13 or later with Landlock (CONFIG_LSM or lsm= names it) and a container that lets its calls pass.", err)
	}
	root := t.TempDir()
	dir, secret := filepath.Join(root, "work"), filepath.Join(root, "secret.txt")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(secret, []byte("secret"), 0o666), os.WriteFile(filepath.Join(dir, "data.csv"), []byte("1,2"), 0o666)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{insideVariable + "=" + dir}
	cmd.Dir = dir
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("behind the walls: %v\n%s", err, said)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(said)) {
		name, what, _ := strings.Cut(strings.TrimSpace(line), ": ")
		found[name] = what
	}
	return found, dir, secret
}

// inside raises the walls with many threads there, and tries everything on all of them.
func inside(dir string) {
	var threads sync.WaitGroup
	begin := make(chan struct{})
	last := make(chan error, 8)
	for range 8 { // threads that are there before the walls are
		threads.Go(func() {
			runtime.LockOSThread()
			<-begin
			_, err := os.Open("/proc/self/status")
			if _, e := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0); e == nil {
				err = nil
			}
			last <- err
		})
	}
	time.Sleep(20 * time.Millisecond)
	report, err := Raise(dir)
	fmt.Println("report:", report)
	if err != nil {
		fmt.Println("raise:", err)
		os.Exit(1)
	}
	close(begin)
	threads.Wait()
	close(last)
	held := 0
	for err := range last {
		if err != nil {
			held++
		}
	}
	fmt.Println("threads:", held)

	say := func(name string, err error) {
		if err == nil {
			fmt.Println(name + ": works")
			return
		}
		fmt.Println(name+":", err)
	}
	text, err := os.ReadFile("data.csv")
	say("read inside", err)
	if string(text) != "1,2" {
		say("content", fmt.Errorf("%q", text))
	}
	say("write inside", os.WriteFile("sub.txt", []byte("x"), 0o600))
	say("make a folder", os.Mkdir("sub", 0o700))
	say("rename inside", os.Rename("sub.txt", "other.txt"))
	say("remove inside", os.Remove("other.txt"))
	say("large file", os.WriteFile("large", make([]byte, largestFile+1), 0o600))
	secret := filepath.Join(filepath.Dir(dir), "secret.txt")
	one := func(name string, do func() error) { say(name, do()) }
	one("read outside", func() error { _, err := os.ReadFile(secret); return err })
	one("read by a link", func() error {
		if err := os.Symlink(secret, "link"); err != nil {
			return err
		}
		_, err := os.ReadFile("link")
		return err
	})
	one("write outside", func() error { return os.WriteFile(secret, nil, 0o600) })
	one("make outside", func() error { return os.WriteFile(secret+"2", nil, 0o600) })
	one("remove outside", func() error { return os.Remove(secret) })
	one("truncate outside", func() error { return os.Truncate(secret, 0) })
	one("chmod outside", func() error { return os.Chmod(secret, 0) })
	one("chown outside", func() error { return os.Chown(secret, 1, 1) })
	one("times outside", func() error { return os.Chtimes(secret, time.Now(), time.Now()) })
	one("hard link outside", func() error { return os.Link(secret, "hard") })
	one("list outside", func() error { _, err := os.ReadDir(".."); return err })
	one("list /", func() error { _, err := os.ReadDir("/"); return err })
	one("/proc/self/environ", func() error { _, err := os.ReadFile("/proc/self/environ"); return err })
	one("/proc/self/mem", func() error { _, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0); return err })
	one("/proc of the parent", func() error { _, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid())); return err })
	one("/etc/passwd", func() error { _, err := os.ReadFile("/etc/passwd"); return err })
	one("tcp", func() error { _, err := net.Dial("tcp", "127.0.0.1:1"); return err })
	one("udp", func() error { _, err := net.Dial("udp", "127.0.0.1:1"); return err })
	one("unix", func() error { _, err := net.Listen("unix", "socket"); return err })
	one("listen", func() error { _, err := net.Listen("tcp", "127.0.0.1:0"); return err })
	one("multipath tcp", func() error { _, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP); return err })
	one("packets", func() error { _, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); return err })
	one("netlink", func() error { _, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0); return err })
	one("socket pair", func() error { _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err })
	one("execute", func() error { return exec.Command("/bin/true").Run() })
	one("execute here", func() error { return syscall.Exec("/proc/self/exe", []string{"x"}, nil) })
	one("fork", func() error { return errno(syscall.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0)) })
	one("clone3", func() error { return errno(syscall.RawSyscall(unix.SYS_CLONE3, 0, 0, 0)) })
	one("kill the parent", func() error { return syscall.Kill(os.Getppid(), 0) })
	one("kill all", func() error { return syscall.Kill(-1, 0) })
	one("tgkill of another", func() error { return unix.Tgkill(os.Getppid(), os.Getppid(), 0) })
	one("pidfd", func() error { _, err := unix.PidfdOpen(os.Getppid(), 0); return err })
	one("ptrace", func() error { return unix.PtraceAttach(os.Getppid()) })
	one("memory of another", func() error {
		_, err := unix.ProcessVMReadv(os.Getppid(), nil, nil, 0)
		return err
	})
	one("io_uring", func() error { return errno(syscall.RawSyscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)) })
	one("bpf", func() error { return errno(syscall.RawSyscall(unix.SYS_BPF, 0, 0, 0)) })
	one("mount", func() error { return unix.Mount("none", "sub", "tmpfs", 0, "") })
	one("namespace", func() error { return unix.Unshare(unix.CLONE_NEWUSER) })
	one("chroot", func() error { return unix.Chroot(".") })
	one("memfd", func() error { _, err := unix.MemfdCreate("x", 0); return err })
	one("device", func() error { return unix.Mknod("null", unix.S_IFCHR|0o600, 1<<8|3) })
	one("lift a limit", func() error { return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 40, Max: 1 << 40}) })
	one("many files", func() error {
		for range openFiles + 10 {
			if _, err := os.Open("data.csv"); err != nil {
				return err
			}
		}
		return nil
	})
	// Go goes on working: threads, collections, interrupts of its own threads.
	var busy sync.WaitGroup
	for range 16 {
		busy.Go(func() {
			runtime.LockOSThread()
			time.Sleep(time.Millisecond)
			for i := range 100 {
				_ = make([]byte, i<<10)
			}
		})
	}
	busy.Wait()
	runtime.GC()
	say("go", nil)
}

func errno(_, _ uintptr, e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return e
}

func TestWhatIsInsideWorks(t *testing.T) {
	found, _, _ := behind(t)
	t.Log(found["report"])
	for _, name := range []string{"read inside", "write inside", "make a folder", "rename inside", "remove inside", "go"} {
		if found[name] != "works" {
			t.Errorf("%s: %s", name, found[name])
		}
	}
	if found["content"] != "" || found["threads"] != "8" {
		t.Errorf("content %s; the walls stand on %s of 8 threads", found["content"], found["threads"])
	}
}

func TestNothingOutsideIsInReach(t *testing.T) {
	found, dir, secret := behind(t)
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	works := []string{"read inside", "write inside", "make a folder", "rename inside", "remove inside", "go", "report", "threads"}
	refused := 0
	for _, name := range names {
		if slices.Contains(works, name) {
			continue
		}
		refused++
		t.Logf("%-22s %s", name, found[name])
		if found[name] == "works" {
			t.Errorf("%s works behind the walls: it must be denied in filter_linux.go, or not be in reach of Landlock's rule", name)
		}
		if strings.Contains(found[name], syscall.ENOSYS.Error()) && name != "clone3" {
			t.Errorf("%s: %s: refused for another reason than the walls", name, found[name])
		}
	}
	if refused < 40 {
		t.Errorf("only %d attempts were made", refused)
	}
	if text, err := os.ReadFile(secret); err != nil || string(text) != "secret" {
		t.Errorf("the file outside is now %q, %v", text, err)
	}
	var outside []string
	filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		if !strings.HasPrefix(path, dir) && path != filepath.Dir(dir) {
			outside = append(outside, path)
		}
		return err
	})
	if len(outside) != 1 {
		t.Errorf("outside there are now %s", outside)
	}
}
