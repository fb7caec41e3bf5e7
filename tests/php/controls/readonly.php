<?php

class Holder
{
    public readonly int $value;
}
