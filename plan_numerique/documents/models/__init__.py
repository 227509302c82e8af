from plan_numerique.documents.models.stored import StoredDocument

__all__ = ["StoredDocument"]
