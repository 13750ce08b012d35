ML_URL: z
  .string()
  .refine(isOrigin, 'must be an origin such as http://localhost:8000')
  .default('http://127.0.0.1:8000'),
ML_TIMEOUT_MS: integer(1, 60_000).default(2_000),
ML_MAX_IN_FLIGHT: integer(1, 1_000).default(32),
