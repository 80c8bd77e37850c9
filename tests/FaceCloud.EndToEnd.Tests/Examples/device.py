import base64
import requests

API_URL = "http://localhost:8000"

def encode_image(path):
    with open(path, "rb") as f:
        b64 = base64.b64encode(f.read()).decode()
    return f"data:image/jpeg;base64,{b64}"

# Add identity
response = requests.post(
    f"{API_URL}/v1/database/add",
    json={
        "name": "John Doe",
        "image": encode_image("john_doe.jpg")
    }
)
print(response.json())

# Recognize faces
response = requests.post(
    f"{API_URL}/v1/recognize",
    json={
        "image": encode_image("group_photo.jpg"),
        "threshold": 0.6
    }
)
print(response.json())
