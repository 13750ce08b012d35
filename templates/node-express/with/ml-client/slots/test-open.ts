const ml = new Ml(settings, logger);
