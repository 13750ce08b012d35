path("notes/", include("notes.urls")),
