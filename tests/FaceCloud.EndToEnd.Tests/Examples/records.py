import requests

# Base URL
BASE_URL = "http://localhost:8000"

# 1. Create a record
with open("john_doe.jpg", "rb") as f:
    response = requests.post(
        f"{BASE_URL}/records",
        files={"image": f},
        data={
            "name": "John Doe",
            "metadata": '{"department": "Engineering"}'
        }
    )
    record = response.json()
    print(f"Created: {record}")

# 2. List all records
response = requests.get(f"{BASE_URL}/records")
records = response.json()
print(f"Total records: {records['total_count']}")

# 3. Match a face
with open("unknown.jpg", "rb") as f:
    response = requests.post(
        f"{BASE_URL}/records/match",
        files={"image": f},
        data={"top_k": 5, "threshold": 0.45}
    )
    result = response.json()

    if result["recognized"]:
        print(f"Recognized: {result['best_match']['name']}")
        print(f"Confidence: {result['best_match']['confidence']:.2%}")
    else:
        print("Unknown person")

# 4. Delete a record
record_id = record["record"]["id"]
response = requests.delete(f"{BASE_URL}/records/{record_id}")
print(response.json())
