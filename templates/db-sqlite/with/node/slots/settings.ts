/** The path of the file: three slashes before a relative one, four before an absolute one. */
DATABASE_URL: z
  .string()
  .regex(/^sqlite:\/\/\/./, 'must be sqlite:///relative/path.db or sqlite:////absolute/path.db')
  .transform((url) => url.slice('sqlite:///'.length)),
