z.object({
  type: z.literal('prediction'),
  requestId: z.string(),
  modelVersion: z.string(),
  predictions: z.array(z.object({ label: z.string(), probability: z.number() })),
  at: z.string(),
}),
