ml,
