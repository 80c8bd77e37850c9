# Step 1: Get quality for specific face
curl -X GET "https://api.example.com/api/v1/faces/123e4567-e89b-12d3-a456-426614174000/quality" \
  -H "Authorization: Bearer ${TOKEN}"

# Step 2: Find all low-quality faces in album
curl -X GET "https://api.example.com/api/v1/albums/123e4567-e89b-12d3-a456-426614174001/faces/low-quality?min_overall_quality=0.6&limit=50" \
  -H "Authorization: Bearer ${TOKEN}"

# Step 3: Batch check specific faces
curl -X POST "https://api.example.com/api/v1/faces/quality-check" \
  -H "Authorization: Bearer ${TOKEN}" \
  -H "Content-Type: application/json" \
  -d '{
    "face_ids": ["uuid1", "uuid2", "uuid3"],
    "strict_mode": true
  }'
