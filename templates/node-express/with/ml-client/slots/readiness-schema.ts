ml: z.enum(['up', 'down']),
