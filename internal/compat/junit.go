package compat

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the results in the XML that continuous integration servers read: one suite per
// group, one test per case and protocol version.
func (r *Results) WriteJUnit(w io.Writer) error {
	out := junitSuites{
		Name: r.Target + " against " + r.Reference, Tests: len(r.Cases),
		Failures: r.Different(), Time: seconds(r.Elapsed),
	}
	rows, _ := r.Groups()
	for _, row := range rows {
		suite := junitSuite{Name: row.Group, Tests: row.Cases, Failures: row.Differents}
		var elapsed time.Duration
		for i := range r.Cases {
			if c := &r.Cases[i]; c.Group == row.Group {
				suite.Cases = append(suite.Cases, c.junit())
				elapsed += c.Elapsed
			}
		}
		suite.Time = seconds(elapsed)
		out.Suites = append(out.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (c *CaseResult) junit() junitCase {
	name := c.Name
	if c.Version > 0 {
		name = fmt.Sprintf("%s [RESP%d]", name, c.Version)
	}
	out := junitCase{Class: c.Group + "." + c.File, Name: name, Time: seconds(c.Elapsed)}
	if !c.Equal() {
		var text strings.Builder
		for i := range c.Differences {
			c.writeDifference(&text, &c.Differences[i])
		}
		out.Failure = &junitFailure{Message: c.Differences[0].Reason, Text: text.String()}
	}
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
