//go:build !realtools && unix

package probe

const wholeSuite = false
