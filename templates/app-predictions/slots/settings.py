model_dir: Path = Field(Path("artifacts"), description="the folder of a trained model")
prediction_slots: int = Field(32, ge=1, le=1000, description="a number from 1 to 1000")
prediction_timeout_ms: int = Field(
    2000, ge=1, le=60_000, description="milliseconds, from 1 to 60000"
)
