database_url: str = Field(
    pattern=r"^sqlite:///[^?]+$",
    description="sqlite:///relative/path.db or sqlite:////absolute/path.db",
)
