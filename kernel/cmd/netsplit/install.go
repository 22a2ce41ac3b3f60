package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"netsplit/install/kernelspec"
)

const installUsage = `usage: netsplit install [--user | --sys-prefix | --prefix PREFIX]
                        [--name NAME] [--display-name TEXT] [--env NAME VALUE]...

Tells Jupyter about this kernel, as "python -m ipykernel install" does.

  --user               for this user only
  --sys-prefix         into the active Python environment
  --prefix PREFIX      into PREFIX/share/jupyter/kernels
                       (none of the three: for all users, in /usr/local)
  --name NAME          the kernelspec's name: netsplit
  --display-name TEXT  what front ends show: Go (Netsplit)
  --env NAME VALUE     a variable for the kernel's environment; may be repeated
`

const uninstallUsage = `usage: netsplit uninstall [--user | --sys-prefix | --prefix PREFIX] [--name NAME]

Takes the kernelspec away again. Without a place it is looked for where Jupyter
would find it, and removed wherever it stands. The binary itself is not touched.
`

// install writes the kernelspec.
func install(args []string, out, errs io.Writer) int {
	o, err := parsePlace(args, true)
	switch {
	case err != nil:
		fmt.Fprintf(errs, "netsplit install: %v\n%s", err, installUsage)
		return 2
	case o.help:
		fmt.Fprint(out, installUsage)
		return 0
	}
	binary, err := os.Executable()
	if err != nil {
		fmt.Fprintf(errs, "netsplit install: find this binary: %v\n", err)
		return 1
	}
	kernels, err := o.place.Kernels()
	if err == nil {
		var dir string
		if dir, err = kernelspec.Write(kernels, o.name, kernelspec.New(binary, o.display, o.env)); err == nil {
			fmt.Fprintf(out, "Installed kernelspec %s in %s\n", o.name, dir)
			return 0
		}
	}
	fmt.Fprintf(errs, "netsplit install: %v\n", err)
	if errors.Is(err, fs.ErrPermission) && o.place == (kernelspec.Place{}) {
		fmt.Fprintln(errs, "To install it for yourself only: netsplit install --user")
	}
	return 1
}

// uninstall removes the kernelspec.
func uninstall(args []string, out, errs io.Writer) int {
	o, err := parsePlace(args, false)
	switch {
	case err != nil:
		fmt.Fprintf(errs, "netsplit uninstall: %v\n%s", err, uninstallUsage)
		return 2
	case o.help:
		fmt.Fprint(out, uninstallUsage)
		return 0
	}
	var folders []string
	if o.place == (kernelspec.Place{}) {
		for _, found := range kernelspec.Find(kernelspec.SearchPath()...) {
			if found.Name == o.name {
				folders = append(folders, strings.TrimSuffix(found.Dir, string(os.PathSeparator)+o.name))
			}
		}
		if len(folders) == 0 {
			fmt.Fprintf(errs, "netsplit uninstall: no kernelspec %q of this kernel was found in:\n", o.name)
			for _, dir := range kernelspec.SearchPath() {
				fmt.Fprintln(errs, "  "+dir)
			}
			return 1
		}
	} else {
		kernels, err := o.place.Kernels()
		if err != nil {
			fmt.Fprintf(errs, "netsplit uninstall: %v\n", err)
			return 1
		}
		folders = []string{kernels}
	}
	code := 0
	for _, kernels := range folders {
		dir, err := kernelspec.Remove(kernels, o.name)
		if err != nil {
			fmt.Fprintf(errs, "netsplit uninstall: %v\n", err)
			code = 1
			continue
		}
		fmt.Fprintf(out, "Removed %s\n", dir)
	}
	return code
}

// placeOptions are the options that install and uninstall share.
type placeOptions struct {
	place         kernelspec.Place
	name, display string
	env           map[string]string
	help          bool
}

// parsePlace reads options by hand, because --env takes two values, as
// ipykernel's does.
func parsePlace(args []string, installing bool) (placeOptions, error) {
	o := placeOptions{name: kernelspec.DefaultName, display: kernelspec.DefaultDisplay, env: map[string]string{}}
	for len(args) > 0 {
		option, inline, hasInline := strings.Cut(args[0], "=")
		args = args[1:]
		value := func() (string, error) {
			if hasInline {
				hasInline = false
				return inline, nil
			}
			if len(args) == 0 {
				return "", fmt.Errorf("%s needs a value", option)
			}
			v := args[0]
			args = args[1:]
			return v, nil
		}
		var err error
		switch {
		case option == "-h" || option == "--help":
			o.help = true
		case option == "--user":
			o.place.User = true
		case option == "--sys-prefix":
			o.place.SysPrefix = true
		case option == "--prefix":
			o.place.Prefix, err = value()
			if err == nil && o.place.Prefix == "" {
				err = fmt.Errorf("--prefix needs a folder")
			}
		case option == "--name":
			if o.name, err = value(); err == nil {
				o.name = strings.ToLower(o.name)
				err = kernelspec.CheckName(o.name)
			}
		case option == "--display-name" && installing:
			o.display, err = value()
		case option == "--env" && installing:
			var name, content string
			if name, err = value(); err == nil {
				if content, err = value(); err == nil {
					o.env[name] = content
				}
			}
		default:
			err = fmt.Errorf("unknown option %s", option)
		}
		if err != nil {
			return o, err
		}
		if hasInline && (option == "--user" || option == "--sys-prefix" || option == "-h" || option == "--help") {
			return o, fmt.Errorf("%s takes no value", option)
		}
	}
	places := 0
	for _, given := range []bool{o.place.User, o.place.SysPrefix, o.place.Prefix != ""} {
		if given {
			places++
		}
	}
	if places > 1 {
		return o, errors.New("only one of --user, --sys-prefix and --prefix can be given")
	}
	return o, nil
}
