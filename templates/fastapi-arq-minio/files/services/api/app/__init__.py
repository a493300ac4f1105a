"""Files: uploaded, kept in object storage, looked at by a job."""
