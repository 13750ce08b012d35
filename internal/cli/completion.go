package cli

import (
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/spf13/cobra"
)

type completionOptions struct {
	Streams
	Shell string
	Root  *cobra.Command
}

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCmdCompletion(s Streams, run func(*completionOptions) error) *cobra.Command {
	o := &completionOptions{Streams: s}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that completes commands, flags and their values",
		Long: `Print the script that completes commands, flags and their values for bash,
zsh, fish or powershell. The values of flags as --framework come from the menu.
bash needs the package bash-completion.`,
		Example: `  fingerpost completion bash > /etc/bash_completion.d/fingerpost
  fingerpost completion zsh > "${fpath[1]}/_fingerpost"
  fingerpost completion fish > ~/.config/fish/completions/fingerpost.fish
  fingerpost completion powershell >> $PROFILE`,
		ValidArgs: shells,
		Args:      atMost(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hint.Misusef("give bash, zsh, fish or powershell", "no shell to complete for")
			}
			o.Shell, o.Root = args[0], c.Root()
			return run(o)
		},
	}
}

func runCompletion(o *completionOptions) error {
	switch o.Shell {
	case "bash":
		return o.Root.GenBashCompletionV2(o.Out, true)
	case "zsh":
		return o.Root.GenZshCompletion(o.Out)
	case "fish":
		return o.Root.GenFishCompletion(o.Out, true)
	case "powershell":
		return o.Root.GenPowerShellCompletionWithDesc(o.Out)
	}
	return hint.Misusef("give bash, zsh, fish or powershell", "no completion for %q", o.Shell)
}
