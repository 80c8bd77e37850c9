curl -X POST http://localhost:8000/v1/detect \
  -H "Content-Type: application/json" \
  -d @- <<EOF
{
  "image": "$(base64 -w0 photo.jpg | sed 's/^/data:image\/jpeg;base64,/')"
}
EOF
curl -X POST http://localhost:8000/v1/database/add \
  -H "Content-Type: application/json" \
  -d @- <<EOF
{
  "name": "John Doe",
  "image": "$(base64 -w0 john_doe.jpg | sed 's/^/data:image\/jpeg;base64,/')"
}
EOF
curl -X POST http://localhost:8000/v1/recognize \
  -H "Content-Type: application/json" \
  -d @- <<EOF
{
  "image": "$(base64 -w0 group_photo.jpg | sed 's/^/data:image\/jpeg;base64,/')",
  "threshold": 0.6
}
EOF
