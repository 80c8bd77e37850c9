# Get 20 random unidentified faces
curl "http://localhost:9000/api/faces/unidentified?limit=20&random=true"

# Get high-confidence adult faces
curl "http://localhost:9000/api/faces/unidentified?minConfidence=0.9&ageMin=18"

curl -X POST "http://localhost:9000/api/faces/auto-recognize?limit=100&minConfidence=0.85"
