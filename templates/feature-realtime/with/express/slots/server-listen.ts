routeUpgrades(server);
