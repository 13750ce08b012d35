//go:build !unix

package probe

func stopGroup(int) error { return ErrNotHere }

func goOnGroup(int) error { return ErrNotHere }

func groupLives(int) bool { return false }
