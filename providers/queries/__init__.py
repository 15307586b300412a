"""What is known about clinics, their people, rooms, types of visit and hours."""
