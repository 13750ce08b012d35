// In a file of its own: the service's policy does not let a page carry scripts.
globalThis.SwaggerUIBundle({ dom_id: '#swagger-ui', url: '/openapi.json', deepLinking: true });
