curl -X POST "http://localhost:8000/records" \
  -F "image=@john_doe.jpg" \
  -F "name=John Doe" \
  -F 'metadata={"department": "Engineering", "employee_id": "EMP001"}'
curl "http://localhost:8000/records?skip=0&limit=10"
curl -X POST "http://localhost:8000/records/match" \
  -F "image=@unknown_face.jpg" \
  -F "top_k=5" \
  -F "threshold=0.45"
curl -X POST "http://localhost:8000/maintenance/rebuild-index"
