DATABASE_URL: z
  .string()
  .refine(
    (url) => url.startsWith('postgresql://') && URL.canParse(url),
    'must be postgresql://user:password@host:port/name',
  ),
DATABASE_POOL_SIZE: integer(1, 1000).default(10),
