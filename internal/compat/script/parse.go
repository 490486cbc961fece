package script

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Load parses every .txt file one directory below dir; that directory is the group.
func Load(dir string, protocol Protocol) ([]File, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no case files: nothing matches %s", filepath.Join(dir, "*", "*.txt"))
	}
	files := make([]File, 0, len(paths))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := Parse(path, string(text), protocol)
		if err != nil {
			return nil, err
		}
		files = append(files, *file)
	}
	return files, nil
}

// Parse parses the text of one case file. Errors name path and line.
func Parse(path, text string, protocol Protocol) (*File, error) {
	p := parser{protocol: protocol, file: File{
		Path:  path,
		Group: filepath.Base(filepath.Dir(path)),
		Name:  strings.TrimSuffix(filepath.Base(path), ".txt"),
		Mode:  Alone,
	}}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		if err := p.parseLine(strings.TrimSuffix(line, "\r")); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, p.line, err)
		}
	}
	for _, c := range p.file.Cases {
		if len(c.Steps) == 0 {
			return nil, fmt.Errorf("%s:%d: case %q has no steps", path, c.Line, c.Name)
		}
	}
	return &p.file, nil
}

type parser struct {
	protocol Protocol
	file     File
	line     int
}

func (p *parser) current() *Case {
	if len(p.file.Cases) == 0 {
		return nil
	}
	return &p.file.Cases[len(p.file.Cases)-1]
}

func (p *parser) parseLine(line string) error {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return nil
	}
	keyword, rest, _ := strings.Cut(trimmed, " ")
	if keyword == "case" {
		return p.startCase(strings.TrimSpace(rest))
	}
	c := p.current()
	if keyword == "mode" && c == nil {
		return p.chooseMode(Mode(strings.TrimSpace(rest)))
	}
	if c == nil {
		return fmt.Errorf("%q comes before the first case", trimmed)
	}
	if keyword == "only" {
		return p.restrict(c, strings.TrimSpace(rest))
	}
	if p.protocol == Memcached && keyword == ">" {
		return p.attachData(c, strings.TrimLeft(line, " \t"))
	}
	step, err := p.parseStep(trimmed)
	if err != nil {
		return err
	}
	c.Steps = append(c.Steps, step)
	return nil
}

func (p *parser) startCase(name string) error {
	if name == "" {
		return fmt.Errorf("a case needs a name")
	}
	for _, c := range p.file.Cases {
		if c.Name == name {
			return fmt.Errorf("case %q is already at line %d", name, c.Line)
		}
	}
	versions := []int{2, 3}
	if p.protocol == Memcached {
		versions = []int{0}
	}
	p.file.Cases = append(p.file.Cases, Case{Name: name, Line: p.line, Versions: versions})
	return nil
}

func (p *parser) chooseMode(mode Mode) error {
	if mode != Cluster && mode != Debug || p.protocol != Redis {
		return fmt.Errorf("write \"mode cluster\" or \"mode debug\" above the first case of a file, not \"mode %s\"", mode)
	}
	p.file.Mode = mode
	return nil
}

func (p *parser) restrict(c *Case, to string) error {
	version, known := map[string]int{"resp2": 2, "resp3": 3}[to]
	if !known || p.protocol != Redis || len(c.Steps) > 0 {
		return fmt.Errorf("write \"only resp2\" or \"only resp3\" below a case's name, not \"only %s\"", to)
	}
	c.Versions = []int{version}
	return nil
}

// attachData gives the storage command above its data block.
func (p *parser) attachData(c *Case, line string) error {
	if len(c.Steps) == 0 || c.Steps[len(c.Steps)-1].Data != nil {
		return fmt.Errorf("a data block follows the command it belongs to")
	}
	data := strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")
	s := scanner{line: data}
	var t Template
	var err error
	if strings.HasPrefix(data, `"`) {
		if t, err = s.word(); err == nil && s.rest() != "" {
			err = fmt.Errorf("%q after the data block", s.rest())
		}
	} else {
		t, err = s.text()
	}
	if err != nil {
		return err
	}
	step := &c.Steps[len(c.Steps)-1]
	step.Data = t
	step.Text += "\n" + line
	return nil
}
