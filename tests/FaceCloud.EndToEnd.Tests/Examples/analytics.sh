# Health check
curl http://localhost:8000/health

# Analyze a face
curl -X POST -F "file=@photo.jpg" http://localhost:8000/analyze

# Register a known face
curl -X POST -F "file=@john.jpg" -F "person_name=John Doe" http://localhost:8000/register

# Get statistics
curl http://localhost:8000/stats
