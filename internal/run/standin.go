package run

import (
	"context"
	"maps"
)

// StandIn puts in place what stands in for things that cannot be fetched on
// this machine, in the environment of every process that is started from here
// on. say gets a line for each; it returns what was replaced.
func (p *Project) StandIn(ctx context.Context, say func(string)) ([]string, error) {
	var replaced []string
	for svc := range p.services {
		for _, row := range svc.StandIns {
			env, err := p.Tools.StandIn(ctx, row)
			if err != nil && row.Tool != "" && ctx.Err() == nil && !p.NeedsInstall(svc) {
				continue // what is installed runs without that tool, as it does without a network
			}
			if err != nil {
				return replaced, err
			}
			if env == nil {
				continue
			}
			if p.standIns == nil {
				p.standIns = map[string]map[string]string{}
			}
			if p.standIns[svc.Name] == nil {
				p.standIns[svc.Name] = map[string]string{}
			}
			maps.Copy(p.standIns[svc.Name], env)
			if p.replaced == nil {
				p.replaced = map[string][]string{}
			}
			p.replaced[svc.Name] = append(p.replaced[svc.Name], row.Replaces)
			replaced = append(replaced, row.Replaces+": "+row.By)
			if say != nil {
				say(p.named(svc, row.Replaces+" cannot be fetched here; in its place: "+row.By))
			}
		}
	}
	return replaced, nil
}
