import os

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def hello() -> dict[str, str]:
    return {"status": "ok"}


uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="error", access_log=False)
