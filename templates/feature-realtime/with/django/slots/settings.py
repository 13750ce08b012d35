heartbeat_seconds: int = Field(15, ge=1, le=300, description="a number from 1 to 300")
