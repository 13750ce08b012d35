ml: Ml;
