import requests

# Analyze a face
with open('photo.jpg', 'rb') as f:
    response = requests.post(
        'http://localhost:8000/analyze',
        files={'file': f}
    )
    result = response.json()
    print(f"Found {len(result['faces'])} faces")

# Register a known face
with open('john.jpg', 'rb') as f:
    response = requests.post(
        'http://localhost:8000/register',
        files={'file': f},
        data={'person_name': 'John Doe'}
    )
    print(response.json())
