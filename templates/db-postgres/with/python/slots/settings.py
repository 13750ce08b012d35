database_url: str = Field(
    pattern=r"^postgresql://([^@/\s]+@)?(\[[0-9A-Fa-f:.]+\]|[^@/:\s]+)(:[0-9]{1,5})?/[^/\s]+$",
    description="postgresql://user:password@host:port/name",
)
database_pool_size: int = Field(10, ge=1, le=1000, description="a number from 1 to 1000")
