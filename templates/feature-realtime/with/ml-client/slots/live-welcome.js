void readState();
