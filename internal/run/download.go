package run

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/record"
)

// tellAbove is how many megabytes are fetched without a word.
const tellAbove = 300

// Speeds by which it is said how long something takes: a line of 100 Mbit/s,
// and files that are unpacked.
const (
	lineSpeed   = 12  // megabytes a second
	unpackSpeed = 100 // megabytes a second
)

// SayDownloads tells of what is large among the packages of a service, a line
// for each, where they are not installed yet. It comes after StandIn, for that
// changes what is fetched.
func (p *Project) SayDownloads(svc *record.Service, say func(string)) {
	if say == nil || len(svc.Downloads) == 0 || !p.NeedsInstall(svc) {
		return
	}
	for _, d := range large(svc) {
		if d.StandIn == "" || slices.Contains(p.replaced[svc.Name], d.StandIn) {
			say(p.named(svc, about(d)))
		}
	}
}

// Large are lines on what is large among the packages that a project has on
// this machine, installed or not. Nothing is asked for: of what depends on a
// stand-in they say so.
func (p *Project) Large() []string {
	var out []string
	for svc := range p.services {
		for _, d := range large(svc) {
			line := about(d)
			if d.StandIn != "" {
				line = "where " + d.StandIn + " cannot be reached: " + line
			}
			out = append(out, p.named(svc, line))
		}
	}
	return out
}

// large are the rows that are told of on this machine.
func large(svc *record.Service) []record.Download {
	var out []record.Download
	for _, d := range svc.Downloads {
		if d.Megabytes > tellAbove && onSystem(d.On, runtime.GOOS, runtime.GOARCH) {
			out = append(out, d)
		}
	}
	return out
}

func about(d record.Download) string {
	return fmt.Sprintf("%s is large: up to %s to download and %s on the disk, which takes about %s at 100 Mbit/s", d.What, size(d.Megabytes), size(d.Disk), duration(d))
}

// onSystem tells whether a list of systems has this one.
func onSystem(list []string, goos, goarch string) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		system, cpu, both := strings.Cut(name, "/")
		return system == goos && (!both || cpu == goarch)
	})
}

func size(megabytes int) string {
	if megabytes < 1000 {
		return fmt.Sprintf("%d MB", megabytes)
	}
	return fmt.Sprintf("%.1f GB", float64(megabytes)/1000)
}

// duration is how long a download and its unpacking take, in words that do not
// claim to know it exactly.
func duration(d record.Download) string {
	seconds := d.Megabytes/lineSpeed + d.Disk/unpackSpeed
	if seconds < 90 {
		return fmt.Sprintf("%d seconds", (seconds+9)/10*10)
	}
	return fmt.Sprintf("%d minutes", (seconds+30)/60)
}
